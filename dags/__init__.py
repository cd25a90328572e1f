"""The only composer: Airflow DAGs, thin, and the commands that run them."""
