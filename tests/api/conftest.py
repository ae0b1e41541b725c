"""Each *.test below this folder is one pytest item."""

import pathlib
import sys

import botocore
import pytest

sys.path.insert(0, str(pathlib.Path(__file__).parent))

from runner.run import Failed, Known, ScriptError, Skipped, run_file  # noqa: E402
from runner.server import ServerFailed  # noqa: E402


def pytest_report_header():
    return f"botocore: {botocore.__version__}"


def pytest_collect_file(file_path, parent):
    if file_path.suffix == ".test":
        return ScriptFile.from_parent(parent, path=file_path)
    return None


class ScriptFile(pytest.File):
    def collect(self):
        yield ScriptItem.from_parent(self, name=self.path.stem)


class ScriptItem(pytest.Item):
    def runtest(self):
        try:
            run_file(self.path)
        except Skipped as why:
            pytest.skip(str(why))
        except Known as defect:
            pytest.xfail(str(defect))

    def repr_failure(self, excinfo, style=None):
        if isinstance(excinfo.value, (Failed, ScriptError, ServerFailed)):
            return f"{self.path.name}: {excinfo.value}"
        return super().repr_failure(excinfo)

    def reportinfo(self):
        return self.path, 0, str(self.path.name)
