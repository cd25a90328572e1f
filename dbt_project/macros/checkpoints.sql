{# Spark puts a CTE's text wherever it is read: one that is read twice, by one that is read twice, is worked out four
   times, and a plan of a dozen such steps fits in no memory. So each of them is written down once, as a table of
   `scratch` that goes when the model is done. The layout that sqlfluff asks for tells where a CTE begins and ends. #}
{% macro spark__create_table_as(temporary, relation, compiled_code, language='sql') -%}
    {%- set written = write_checkpoints(relation.identifier, compiled_code) -%}
    create table {{ relation }}
    {%- if config.get('contract').enforced -%}
        {{ get_assert_columns_equivalent(written) }}
        {%- set written = get_select_subquery(written) -%}
    {%- endif %}
    {{ file_format_clause() }}
    {{ comment_clause() }}
    as
    {{ written }}
{%- endmacro %}

{# Writes the CTEs of a model that are read more than once; returns the model's SQL, which reads them there. #}
{% macro write_checkpoints(model_name, compiled_code) -%}
    {%- set sql = namespace(text=compiled_code) -%}
    {%- for name in modules.re.findall('(?m)^ *(\\w+) as \\($', compiled_code) -%}
        {%- set found = modules.re.search('(?ms)^ *' ~ name ~ ' as \\(\n(.*?)\n *\\)(?=,?\n\\s*\n)', sql.text) -%}
        {%- if found and is_worth_a_checkpoint(name, found.group(1), compiled_code) -%}
            {%- set table = 'scratch.' ~ model_name ~ '__' ~ name -%}
            {%- do run_query('create schema if not exists scratch') -%}
            {%- do run_query('drop table if exists ' ~ table) -%}
            {%- do run_query(
                'create table ' ~ table ~ ' using parquet as\n' ~ sql.text[:found.end()] ~ '\nselect * from ' ~ name
            ) -%}
            {%- set sql.text = sql.text[:found.start(1)] ~ 'select * from ' ~ table ~ sql.text[found.end(1):] -%}
        {%- endif -%}
    {%- endfor -%}
    {{ return(sql.text) }}
{%- endmacro %}

{# Whether a CTE is read more than once, and does more than to import a relation. #}
{% macro is_worth_a_checkpoint(name, body, compiled_code) -%}
    {%- set readers = modules.re.findall('(?:from|join) ' ~ name ~ '\\b', compiled_code) -%}
    {%- set works = modules.re.search('join |group by|over \\(|distinct|union', body) -%}
    {{ return((readers | length) > 1 and works is not none) }}
{%- endmacro %}
