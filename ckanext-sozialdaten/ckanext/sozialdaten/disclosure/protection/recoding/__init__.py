"""Recoding: persons along hierarchies until nobody is alone, categories of counts merged."""

from ckanext.sozialdaten.disclosure.protection.recoding._hierarchy import Hierarchy, read_hierarchy
from ckanext.sozialdaten.disclosure.protection.recoding._loss import Metric
from ckanext.sozialdaten.disclosure.protection.recoding._merge import merge_candidate
from ckanext.sozialdaten.disclosure.protection.recoding._recode import recode_candidate

__all__ = ["Hierarchy", "Metric", "merge_candidate", "read_hierarchy", "recode_candidate"]
