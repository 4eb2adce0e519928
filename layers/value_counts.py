"""How many features have each value of a column: SQL over the same `Query` as every read."""

from __future__ import annotations

from collections.abc import Mapping

from layers.query import Query, conditions, hits_sql
from layers.rows import table_name
from spatial.sql import Sql, bind, join, quote, sql


def value_counts_sql(query: Query, by: Mapping[str, Query], most: int) -> Sql:
    """Rows `place, value, n, matched`, in one statement, so all of one moment.

    The row of place 0 has the number of features that match `query` as `matched`. Each column
    then has a place from 1 on, in the order of `by`, and there a row for each of its most
    frequent values: the value as JSON text (NULL where it is missing), how many features have
    it, and of how many in all.

    Args:
        query: what is counted as a whole.
        by: for each column, what its values are counted over.
        most: values of a column at most; equally frequent ones come in the order of values.
    """
    pieces = [sql("SELECT 0, NULL, NULL::int8, ({})::int8", hits_sql(query))]
    for place, (name, counted) in enumerate(by.items(), 1):
        column = quote(name)
        pieces.append(
            sql(
                f"(SELECT {place:d}, to_json({column})::text, count(*),"
                " (sum(count(*)) OVER ())::int8"
                f" FROM {table_name(counted.layer)} AS t WHERE {{}} GROUP BY {column}"
                f" ORDER BY count(*) DESC, {column} LIMIT {{}})",
                conditions(counted),
                bind(most, "int8"),
            )
        )
    return sql("SELECT * FROM ({}) AS c (place, value, n, matched)", join(" UNION ALL ", pieces))
