"""Great Expectations: the gates between stages, and their reports."""

import warnings

# Great Expectations imports Spark where it is installed, and Spark warns of pandas, which no gate gives to it
warnings.filterwarnings("ignore", category=FutureWarning, module="pyspark")
