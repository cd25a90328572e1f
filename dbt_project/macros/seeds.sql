{# Fills a seed on Spark. The adapter's own form binds values into the text of the statement without escaping them, and
   writes an empty cell as the word None. #}
{% macro spark__load_csv_rows(model, agate_table) -%}
    {%- set types = [] -%}
    {%- for name in agate_table.column_names -%}
        {%- set told = model['config'].get('column_types', {}).get(name) -%}
        {%- do types.append(told or adapter.convert_type(agate_table, loop.index0)) -%}
    {%- endfor -%}
    {%- for rows in agate_table.rows | batch(2000) -%}
        {%- set statement -%}
            insert into {{ this.render() }} values
            {% for row in rows -%}
                (
                {%- for value in row -%}
                    {{ literal_on_spark(value, types[loop.index0]) }}{{ ', ' if not loop.last }}
                {%- endfor -%}
                ){{ ', ' if not loop.last }}
            {% endfor %}
        {%- endset -%}
        {%- do adapter.add_query(statement, abridge_sql_log=True) -%}
    {%- endfor -%}
    {{ return('insert into ' ~ this.render() ~ ' values') }}
{%- endmacro %}

{# A value of a seed as an SQL literal of a type; in Spark a backslash takes away the meaning of what follows it. #}
{% macro literal_on_spark(value, type) -%}
    {%- if value is none -%}
        cast(null as {{ type }})
    {%- else -%}
        cast('{{ value | string | replace('\\', '\\\\') | replace("'", "\\'") }}' as {{ type }})
    {%- endif -%}
{%- endmacro %}
