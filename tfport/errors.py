"""The one kind of error that is shown to a user as a sentence and not as a traceback."""


class UserError(ValueError):
    """Something the user can put right: its message names the file or flag and the way out.

    Programs print it in one line and leave with exit code 2; library callers see an ordinary ``ValueError``.
    """
