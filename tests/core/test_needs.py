"""What is missing skips a test and says how to get it."""

from pathlib import Path

import pytest

from .. import needs


def test_a_program_that_is_missing() -> None:
    with pytest.raises(pytest.skip.Exception, match=r"needs no-such-program: apt-get install nothing"):
        needs.program("no-such-program", package="nothing")


def test_a_program_is_found_in_a_folder_of_its_own(tmp_path: Path) -> None:
    path = tmp_path / "some-program"
    path.touch(mode=0o755)
    assert needs.program("some-program", package="nothing", folders=str(tmp_path)) == str(path)


def test_a_package_index_that_cannot_be_reached() -> None:
    with pytest.raises(pytest.skip.Exception, match=r"needs the package index of pip"):
        needs.package_index("ERROR: No matching distribution found for setuptools>=77")


def test_packages_that_are_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(needs, "JAVASCRIPT", tmp_path)
    with pytest.raises(pytest.skip.Exception, match=r"npm ci --prefix tests/engines/js"):
        needs.packages()


def test_a_header_that_is_missing_and_one_that_is_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(needs, "HEADERS", tmp_path)
    with pytest.raises(pytest.skip.Exception, match=r"needs some.h: apt-get install some-dev"):
        needs.header("some.h", package="some-dev")
    (tmp_path / "some.h").touch()
    assert needs.header("some.h", package="some-dev") == tmp_path / "some.h"
    assert needs.header("some.h", package="some-dev", folder=tmp_path) == tmp_path / "some.h"


def test_an_accelerator_that_is_missing() -> None:
    with pytest.raises(pytest.skip.Exception, match=r"needs the accelerator: apt-get install gcc python3-dev"):
        needs.accelerator("signrules.no_such_module")
