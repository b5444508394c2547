"""What pyproject.toml cannot say: the accelerator in C is built if it can be, and the wheel is named after that."""

import os
import platform
import sysconfig
from tempfile import TemporaryDirectory

from setuptools import Distribution, Extension, setup
from setuptools.command.bdist_wheel import bdist_wheel
from setuptools.command.build_ext import build_ext

ACCELERATOR = Extension("signrules._speedups", ["signrules/_speedups.c"], optional=True, py_limited_api=True)


def can_be_built() -> bool:
    """Whether the accelerator can be built here. It is tried in a temporary folder."""
    with TemporaryDirectory() as folder:
        build = build_ext(Distribution({"ext_modules": [ACCELERATOR]}))
        build.build_lib = build.build_temp = folder
        build.ensure_finalized()
        build.run()
        return all(map(os.path.exists, build.get_outputs()))


class Wheel(bdist_wheel):
    """Only a wheel that holds the accelerator is for one platform."""

    def finalize_options(self) -> None:
        """As in setuptools."""
        if self.distribution.ext_modules:
            if can_be_built():
                self.py_limited_api = "cp311"
            else:
                self.distribution.ext_modules = []
        super().finalize_options()


# There is no stable binary interface for other Pythons, nor for those without a global lock.
wanted = platform.python_implementation() == "CPython" and not sysconfig.get_config_var("Py_GIL_DISABLED")
setup(
    ext_modules=[ACCELERATOR] if wanted and not os.environ.get("SIGNRULES_PURE") else [],
    cmdclass={"bdist_wheel": Wheel},
)
