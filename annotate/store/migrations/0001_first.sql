CREATE TABLE project (key TEXT PRIMARY KEY NOT NULL, value TEXT NOT NULL);

CREATE TABLE codebook (
    fingerprint TEXT PRIMARY KEY NOT NULL,
    content TEXT NOT NULL,
    event INTEGER NOT NULL
);

CREATE TABLE coder (
    key TEXT PRIMARY KEY NOT NULL,
    name TEXT NOT NULL,
    role TEXT NOT NULL CHECK (role IN ('lead', 'coder', 'adjudicator')),
    password TEXT,
    joined BIGINT NOT NULL,
    "left" BIGINT,
    preferences TEXT
);

CREATE TABLE invitation (
    digest TEXT PRIMARY KEY NOT NULL,
    role TEXT NOT NULL,
    expires BIGINT NOT NULL,
    used_by TEXT REFERENCES coder (key)
);

CREATE TABLE login (
    digest TEXT PRIMARY KEY NOT NULL,
    coder TEXT NOT NULL REFERENCES coder (key),
    expires BIGINT NOT NULL
);

CREATE TABLE article (
    id INTEGER PRIMARY KEY NOT NULL,
    key TEXT NOT NULL UNIQUE,
    text TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    title TEXT,
    outlet TEXT,
    byline TEXT,
    published TEXT,
    url TEXT,
    language TEXT,
    source TEXT,
    blocks TEXT,
    metadata TEXT,
    cluster INTEGER NOT NULL,
    event INTEGER NOT NULL
);

CREATE TABLE unit (
    id INTEGER PRIMARY KEY NOT NULL,
    article INTEGER NOT NULL REFERENCES article (id),
    position INTEGER NOT NULL,
    paragraph INTEGER NOT NULL,
    start INTEGER NOT NULL,
    "end" INTEGER NOT NULL,
    quote INTEGER,
    UNIQUE (article, position)
);

CREATE TABLE round (
    id INTEGER PRIMARY KEY NOT NULL,
    name TEXT NOT NULL UNIQUE,
    purpose TEXT NOT NULL CHECK (purpose IN ('training', 'reliability', 'evaluation', 'active', 'import')),
    codebook TEXT NOT NULL REFERENCES codebook (fingerprint),
    design TEXT NOT NULL,
    seed BIGINT NOT NULL,
    frame TEXT NOT NULL,
    frame_size INTEGER NOT NULL,
    settings TEXT NOT NULL,
    event INTEGER NOT NULL,
    closed INTEGER
);

CREATE TABLE draw (
    round INTEGER NOT NULL REFERENCES round (id),
    unit INTEGER NOT NULL REFERENCES unit (id),
    probability DOUBLE PRECISION CHECK (probability > 0 AND probability <= 1),
    reason TEXT NOT NULL CHECK (reason IN ('random', 'active', 'import')),
    stratum TEXT,
    PRIMARY KEY (round, unit)
);

CREATE TABLE event (
    seq INTEGER PRIMARY KEY NOT NULL,
    kind TEXT NOT NULL,
    client TEXT NOT NULL UNIQUE,
    coder TEXT REFERENCES coder (key),
    round INTEGER REFERENCES round (id),
    unit INTEGER REFERENCES unit (id),
    codebook TEXT REFERENCES codebook (fingerprint),
    label TEXT,
    variables TEXT,
    spans TEXT,
    unsure BOOLEAN NOT NULL,
    note TEXT,
    shown TEXT,
    client_time BIGINT,
    server_time BIGINT NOT NULL,
    active_ms INTEGER,
    supersedes INTEGER REFERENCES event (seq),
    hash TEXT NOT NULL
);

CREATE INDEX event_of_coder ON event (coder, round, seq);

CREATE INDEX event_of_unit ON event (unit, seq);

CREATE INDEX event_of_round ON event (round, kind, seq);

CREATE INDEX event_changing_codebook ON event (seq) WHERE kind = 'codebook';

CREATE INDEX event_superseding ON event (supersedes) WHERE supersedes IS NOT NULL;

CREATE TABLE assignment (
    id INTEGER PRIMARY KEY NOT NULL,
    round INTEGER NOT NULL REFERENCES round (id),
    coder TEXT NOT NULL REFERENCES coder (key),
    unit INTEGER NOT NULL REFERENCES unit (id),
    position INTEGER NOT NULL,
    since INTEGER NOT NULL,
    until INTEGER,
    decision INTEGER REFERENCES event (seq),
    label TEXT,
    again INTEGER,
    UNIQUE (round, coder, unit)
);

CREATE INDEX assignment_open ON assignment (coder, round, position) WHERE decision IS NULL AND until IS NULL;

CREATE INDEX assignment_again ON assignment (coder, round, position) WHERE again IS NOT NULL AND until IS NULL;

CREATE INDEX assignment_of_unit ON assignment (unit);

CREATE TABLE answer (
    round INTEGER NOT NULL REFERENCES round (id),
    unit INTEGER NOT NULL REFERENCES unit (id),
    label TEXT NOT NULL,
    note TEXT,
    PRIMARY KEY (round, unit)
);

CREATE TABLE suggestion (
    unit INTEGER NOT NULL REFERENCES unit (id),
    model TEXT NOT NULL,
    label TEXT NOT NULL,
    probabilities TEXT NOT NULL,
    PRIMARY KEY (unit, model)
);

CREATE VIEW undone AS
SELECT u.supersedes AS seq
FROM event u
WHERE u.kind = 'undo' AND NOT EXISTS (SELECT 1 FROM event r WHERE r.supersedes = u.seq AND r.kind = 'redo');

CREATE VIEW in_force AS
SELECT d.*
FROM event d
WHERE d.kind IN ('judgment', 'skip', 'adjudication')
    AND NOT EXISTS (SELECT 1 FROM undone WHERE undone.seq = d.seq)
    AND NOT EXISTS (
        SELECT 1
        FROM event n
        WHERE n.supersedes = d.seq
            AND n.kind IN ('judgment', 'skip', 'adjudication')
            AND NOT EXISTS (SELECT 1 FROM undone WHERE undone.seq = n.seq)
    );
