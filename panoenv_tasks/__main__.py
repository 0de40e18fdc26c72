"""``python -m panoenv_tasks`` is the ``panoenv`` command."""

from panoenv_tasks.cli import main

if __name__ == "__main__":
    main()
