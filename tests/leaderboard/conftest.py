import pytest
from support.result_folders import guesser, made_up_items, write_run


@pytest.fixture(scope="session")
def items():
    return made_up_items()


@pytest.fixture
def run_folder(tmp_path, items):
    """Writes runs of made-up models under one folder; ``run_folder.path`` is that folder."""

    class Folder:
        path = tmp_path / "results"

        def add(self, name="seer", answer=None, **options):
            return write_run(self.path / name, items, answer or guesser(len(name), 0.5), **options)

    return Folder()
