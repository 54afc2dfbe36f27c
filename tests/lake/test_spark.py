"""Another engine reads the same tables: PySpark, by the same catalogue, gives the same states.

It needs Java, PySpark and two files from Maven Central, looked for in the local repository:
``mvn dependency:get -Dartifact=org.apache.iceberg:iceberg-spark-runtime-4.0_2.13:1.10.0`` and
``mvn dependency:get -Dartifact=org.xerial:sqlite-jdbc:3.50.3.0``.
"""

import datetime as dt
import importlib.util
import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from lake_world import REGIONS, cells, delivery, figures, settings_in

from ckanext.sozialdaten.lake import Lake, Zone

MAVEN = Path.home() / ".m2" / "repository"
JARS = [
    path
    for pattern in ("iceberg-spark-runtime-4.0_2.13-*.jar", "sqlite-jdbc-*.jar")
    for path in sorted(MAVEN.rglob(pattern))[-1:]
]
pytestmark = [
    pytest.mark.skipif(importlib.util.find_spec("pyspark") is None, reason="no pyspark here"),
    pytest.mark.skipif(shutil.which("java") is None, reason="no Java here"),
    pytest.mark.skipif(len(JARS) < 2, reason="no Iceberg for Spark in the local Maven repository"),
]
A, B = REGIONS[:2]
COUNT = 9
ASK = """
import json, sys
from pyspark.sql import SparkSession

jars, catalogue, warehouse = sys.argv[1:4]
name = "spark.sql.catalog.public"
spark = (
    SparkSession.builder.master("local[1]")
    .config("spark.jars", jars)
    .config("spark.driver.extraClassPath", jars.replace(",", ":"))
    .config("spark.ui.enabled", "false")
    .config("spark.sql.session.timeZone", "UTC")
    .config(name, "org.apache.iceberg.spark.SparkCatalog")
    .config(f"{name}.catalog-impl", "org.apache.iceberg.jdbc.JdbcCatalog")
    .config(f"{name}.uri", f"jdbc:sqlite:{catalogue}")
    .config(f"{name}.jdbc.schema-version", "V1")
    .config(f"{name}.warehouse", warehouse)
    .getOrCreate()
)
rows = spark.sql('''
    SELECT region, value FROM (
        SELECT o.*, row_number() OVER (
            PARTITION BY o.source, o.series, o.region, o.reference_end ORDER BY o.delivery DESC
        ) AS place
        FROM public.sozialdaten.observations o
        WHERE o.written_by IN (SELECT written_by FROM public.sozialdaten.deliveries)
            AND o.captured_at <= TIMESTAMP '2024-01-04 23:59:59'
    ) WHERE place = 1 AND op <> 'retract'
''').collect()
print(json.dumps({row.region: int(row.value) for row in rows}))
"""


def test_spark_gives_the_same_state_before_and_after_compaction(tmp_path: Path) -> None:
    settings = settings_in(tmp_path)
    with Lake.open(settings) as lake:
        for number in range(COUNT):
            day = f"2024-01-{number + 1:02}"
            lake.append(Zone.PUBLIC, delivery(day, f"d{number}"), cells({A: number, B: 7}))
        lake.tidy(Zone.PUBLIC)
        late = delivery("2024-01-04T12:00:00", "late")
        lake.append(Zone.PUBLIC, late, cells({A: 30, B: 7}))
        ours = figures(lake, zone=Zone.PUBLIC, as_of=dt.date(2024, 1, 4))
    done = subprocess.run(
        [
            *(sys.executable, "-c", ASK, ",".join(map(str, JARS))),
            *(str(tmp_path / "public.db"), settings.of(Zone.PUBLIC).warehouse),
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    assert json.loads(done.stdout.splitlines()[-1]) == ours == {A: 30, B: 7}
