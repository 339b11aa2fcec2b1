"""Names of metrics to sort by, which the real server writes into its SQL as they are (``run_store.go: addSortByRunMetricToSelect``).

So its database refuses the lists whose metric is called like one of its own words (``precision``), or like a column of runs
(``name``), and those whose metric has a dash in its name.
"""

from __future__ import annotations

import re

_WORD = re.compile(r"[0-9A-Za-z$_\u0080-\uffff]*")
_INNER = " FROM (SELECT UUID, ExperimentUUID, DisplayName, Name, StorageState, Namespace, ServiceAccount"
_OUTER = "FROM (SELECT rd.UUID, rd.ExperimentUUID, rd.DisplayName, rd.Name, rd.StorageState"
_SHOWN = 80

_RESERVED = frozenset(
    """
    accessible add all alter analyze and as asc asensitive before between bigint binary blob both by
    call cascade case change char character check collate column condition constraint continue convert
    create cross current_date current_role current_time current_timestamp current_user cursor databases
    day_hour day_microsecond day_minute day_second dec decimal declare default delayed delete
    delete_domain_id desc describe deterministic distinct distinctrow div do_domain_ids double drop dual
    each else elseif enclosed escaped except exists exit explain false fetch float float4 float8 for
    force foreign from fulltext grant group having high_priority hour_microsecond hour_minute
    hour_second if ignore ignore_domain_ids in index infile inner inout insensitive insert int int1 int2
    int3 int4 int8 integer intersect interval into is iterate join key keys kill leading leave left like
    limit linear lines load localtime localtimestamp lock long longblob longtext loop low_priority
    master_demote_to_replica master_demote_to_slave master_ssl_verify_server_cert match maxvalue
    mediumblob mediumint mediumtext middleint minute_microsecond minute_second mod modifies natural
    no_write_to_binlog not null numeric offset on optimize optionally or order out outer outfile over
    page_checksum parse_vcol_expr partition portion precision primary procedure purge range read
    read_write reads real recursive ref_system_id references regexp release rename repeat replace
    require resignal restrict return returning revoke right rlike row_number rows schemas
    second_microsecond select sensitive separator set show signal smallint spatial specific sql
    sql_big_result sql_calc_found_rows sql_small_result sqlexception sqlstate sqlwarning ssl starting
    stats_auto_recalc stats_persistent stats_sample_pages straight_join table terminated then tinyblob
    tinyint tinytext to trailing trigger true undo union unique unlock unsigned update usage use using
    utc_date utc_time utc_timestamp values varbinary varchar varcharacter varying when where while with
    write xor year_month zerofill
    """.split()
)
"""The words of MariaDB that can't be names unless they are quoted."""
_COLUMNS = frozenset(
    """
    uuid experimentuuid displayname name storagestate namespace serviceaccount description createdatinsec
    scheduledatinsec finishedatinsec conditions pipelineid pipelineversionid pipelinename
    pipelinespecmanifest workflowspecmanifest parameters runtimeparameters pipelineroot
    pipelineruntimemanifest workflowruntimemanifest jobuuid state statehistory pipelinecontextid
    pipelineruncontextid runuuid nodeid numbervalue format payload
    """.split()
)
"""The columns of runs and of their metrics."""
_JOINED = frozenset({"refs", "taskdetails"})


def fault_of(name: str, first_page: bool) -> str:
    """What the database says of a list that is sorted by this metric; empty where it understands it, on the first page."""
    word = _WORD.match(name)
    plain = word[0] if word else ""
    if not name:
        return _syntax_error(_OUTER)
    if plain.isdigit() or plain.lower() in _RESERVED:
        return _syntax_error(name + _INNER)
    if plain != name:
        return _syntax_error(name[len(plain) :] + _INNER)
    if plain.lower() in _JOINED:
        return f"Error 1060 (42S21): Duplicate column name '{name}'"
    if plain.lower() in _COLUMNS:
        return f"Error 1052 (23000): Column '{name}' in ORDER BY is ambiguous"
    # the name is that of a result, which conditions on rows can't mention
    return "" if first_page else f"Error 1054 (42S22): Unknown column '{name}' in 'WHERE'"


def _syntax_error(rest: str) -> str:
    """The complaint about SQL from this place on."""
    shown = rest if len(rest) <= _SHOWN else rest[: _SHOWN - 3] + "..."
    return (
        "Error 1064 (42000): You have an error in your SQL syntax; check the manual that corresponds to your MariaDB server version"
        f" for the right syntax to use near '{shown}' at line 1"
    )
