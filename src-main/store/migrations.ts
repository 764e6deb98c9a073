/**
 * Numbered migrations: entry i brings a database from version i to i + 1 (PRAGMA user_version). Entries are never
 * changed once released; a change of layout is a new entry. They are code, so that they are bundled with it.
 */
export const migrations: readonly string[] = [
  `
  CREATE TABLE runs (
    key INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    state TEXT NOT NULL,
    reason TEXT NOT NULL DEFAULT '',
    config TEXT NOT NULL,
    paradigm TEXT NOT NULL,
    tokenizer TEXT NOT NULL,
    seed INTEGER NOT NULL,
    steps INTEGER NOT NULL,
    step INTEGER NOT NULL DEFAULT 0,
    ablation_id TEXT,
    arm_index INTEGER,
    arm_label TEXT,
    arm_settings TEXT,
    parent_id TEXT,
    note TEXT NOT NULL DEFAULT '',
    created_at INTEGER NOT NULL,
    started_at INTEGER,
    ended_at INTEGER,
    queue_place INTEGER,
    attempts INTEGER NOT NULL DEFAULT 0,
    pace_step INTEGER,
    pace_time INTEGER,
    last_step INTEGER,
    last_time INTEGER,
    first_time INTEGER,
    ingested_bytes INTEGER NOT NULL DEFAULT 0,
    ingested_seq INTEGER NOT NULL DEFAULT 0
  ) STRICT;
  CREATE INDEX runs_ablation ON runs (ablation_id);

  CREATE TABLE tags (
    run_key INTEGER NOT NULL REFERENCES runs (key) ON DELETE CASCADE,
    tag TEXT NOT NULL,
    PRIMARY KEY (run_key, tag)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE metric_names (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE
  ) STRICT;

  -- elapsed: ms since the run's first event. Integer ids and no rowid: a fifth of the size of text ids with an index.
  CREATE TABLE metrics (
    run_key INTEGER NOT NULL REFERENCES runs (key) ON DELETE CASCADE,
    name_id INTEGER NOT NULL,
    step INTEGER NOT NULL,
    value REAL NOT NULL,
    elapsed INTEGER NOT NULL,
    PRIMARY KEY (run_key, name_id, step)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE latest_metrics (
    run_key INTEGER NOT NULL REFERENCES runs (key) ON DELETE CASCADE,
    name_id INTEGER NOT NULL,
    step INTEGER NOT NULL,
    value REAL NOT NULL,
    PRIMARY KEY (run_key, name_id)
  ) STRICT, WITHOUT ROWID;

  -- Events other than metrics.
  CREATE TABLE events (
    run_key INTEGER NOT NULL REFERENCES runs (key) ON DELETE CASCADE,
    seq INTEGER NOT NULL,
    kind TEXT NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (run_key, seq)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX events_kind ON events (kind, run_key);

  CREATE TABLE ablations (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    baseline TEXT NOT NULL,
    factors TEXT NOT NULL,
    seeds TEXT NOT NULL
  ) STRICT;

  CREATE TABLE settings (
    key TEXT PRIMARY KEY,
    value TEXT NOT NULL
  ) STRICT;
  `,
  `
  -- Figures of a cell of the paper's tables that no run here has measured: of outside systems, and of evaluations.
  CREATE TABLE imported_results (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    source TEXT NOT NULL,
    paper_table INTEGER NOT NULL,
    row_index INTEGER NOT NULL,
    column_key TEXT NOT NULL,
    value REAL NOT NULL,
    card TEXT NOT NULL,
    scores TEXT,
    imported_at INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX imported_results_table ON imported_results (paper_table);
  `,
  `
  -- Steps of two stages are not alike: pace_* are of the stage that the run is in, this of the first one (seconds).
  ALTER TABLE runs ADD COLUMN first_pace REAL;
  `,
]
