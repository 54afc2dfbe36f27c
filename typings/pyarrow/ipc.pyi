from collections.abc import Iterator

from pyarrow.lib import RecordBatch, Schema

class RecordBatchFileReader:
    schema: Schema
    num_record_batches: int
    def get_batch(self, i: int) -> RecordBatch: ...

class RecordBatchStreamReader:
    schema: Schema
    def __iter__(self) -> Iterator[RecordBatch]: ...

def open_file(source: object) -> RecordBatchFileReader: ...
def open_stream(source: object) -> RecordBatchStreamReader: ...
