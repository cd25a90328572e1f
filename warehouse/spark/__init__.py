"""Spark, the engine for more than one machine: the only home of pyspark, which is an extra that few need."""
