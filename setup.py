"""Installs ckanext.sozialdaten with harvesters/, schemas/ and deployment/demo/ as sub-packages."""

from pathlib import Path

from setuptools import find_packages, setup

ROOT = "ckanext.sozialdaten"
HERE = Path(__file__).parent
FOLDERS = {
    ROOT: "ckanext-sozialdaten/ckanext/sozialdaten",
    ROOT + ".harvesters": "harvesters",
    ROOT + ".schemas": "schemas",
    ROOT + ".demo": "deployment/demo",
}


def compile_catalogues() -> None:
    """Compile every message catalogue: gettext reads .mo files, which are not kept in git."""
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po

    for source in (HERE / FOLDERS[ROOT] / "i18n").glob("*/LC_MESSAGES/*.po"):
        with source.open("rb") as stream:
            catalogue = read_po(stream)
        with source.with_suffix(".mo").open("wb") as stream:
            write_mo(stream, catalogue)


compile_catalogues()
setup(
    package_dir=FOLDERS,
    packages=[
        name
        for package, folder in FOLDERS.items()
        for name in [package, *(f"{package}.{sub}" for sub in find_packages(folder))]
    ],
    package_data={
        ROOT: [
            "*.yaml",
            "**/*.yaml",
            "**/templates/**/*",
            "**/assets/**/*",
            "**/public/**/*",
            "i18n/**/*",
            "migration/**/*",
        ],
        ROOT + ".schemas": ["**/*"],
        ROOT + ".demo": ["**/*"],
        ROOT + ".harvesters": ["**/*.yaml", "**/templates/**/*", "**/assets/**/*"],
    },
)
