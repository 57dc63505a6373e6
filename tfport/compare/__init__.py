"""The side-by-side view of the pairs: in the terminal, on pages, in notebooks."""
