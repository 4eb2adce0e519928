from tests.db.test_tiles import *
def test_x(reader):
    print(reader.fetch("select relname::text,relpages,relallvisible,reltuples from pg_class where relname like 'places%' or relname like 'ix_places%'"))
    for s in ("random_page_cost","cpu_index_tuple_cost","enable_indexonlyscan","work_mem","effective_cache_size"):
        print(s, reader.fetch("show "+s))
    print(reader.plan("WebMercatorQuad", WEB_MERCATOR_QUAD.tile_at(108.2667, 15.5667, 15)))
    assert 0
