"""``python -m tfport`` is the console command ``tfport``."""

from tfport.cli import entry

if __name__ == "__main__":
    entry()
