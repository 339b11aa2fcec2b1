"""Which releases of Kubeflow Pipelines the fake can speak as, and all that is modelled of their differences.

:class:`Dialect` is the table: each of its fields is one difference, with what held in 2.14 and what holds since which release.
A rule asks the field, never the number of the release.
"""

from fake_kfp.versions.dialect import UNNAMED, Dialect
from fake_kfp.versions.interface import V2BETA1
from fake_kfp.versions.releases import RELEASES, dialect_of, modelled

__all__ = ["RELEASES", "UNNAMED", "V2BETA1", "Dialect", "dialect_of", "modelled"]
