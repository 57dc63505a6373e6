"""The one kind of error that is shown to a user as a sentence and not as a traceback, and how text is shown safely."""


class UserError(ValueError):
    """Something the user can put right: its message names the file or flag and the way out.

    Programs print it in one line and leave with exit code 2; library callers see an ordinary ``ValueError``. What no
    terminal should be sent stands escaped in it (:func:`printable`).
    """

    def __init__(self, message: object) -> None:
        super().__init__("\n".join(printable(line) for line in str(message).split("\n")))


def printable(text: object, most: int | None = None) -> str:
    r"""Text in one line as a terminal may be shown it.

    A file's name, or a name in a file, may hold control sequences: they move the cursor, hide what was said before,
    rename the window. Whatever is no visible character and no space is shown as an escape, like ``\x1b``.

    Args:
        text: from anywhere.
        most: characters that are shown of it; None for all.
    """
    whole = str(text)
    shown = whole if most is None or len(whole) <= most else f"{whole[:most]} …"
    if shown.isprintable():
        return shown
    return "".join(each if each.isprintable() else each.encode("unicode_escape").decode() for each in shown)
