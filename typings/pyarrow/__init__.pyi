from typing import Any

from pyarrow.lib import *
from pyarrow.lib import Array as Array
from pyarrow.lib import ChunkedArray as ChunkedArray

def __getattr__(name: str) -> Any: ...
