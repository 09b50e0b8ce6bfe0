-- The first case: accounts, posts, authorities, cases with their chained events, kept texts, documents, licences, jobs.
-- Every column is BIGINT or TEXT; times are epoch milliseconds, legal dates are TEXT (YYYY-MM-DD), digests lower-case hex.

CREATE TABLE accounts (
    id BIGINT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL CONSTRAINT accounts_name UNIQUE,
    password TEXT NOT NULL,
    kind TEXT NOT NULL,
    display TEXT NOT NULL,
    party TEXT,
    division TEXT NOT NULL,
    state TEXT NOT NULL,
    created_at BIGINT NOT NULL
);

CREATE TABLE posts (
    id BIGINT NOT NULL PRIMARY KEY,
    account BIGINT NOT NULL,
    role TEXT NOT NULL,
    agency TEXT NOT NULL,
    division TEXT NOT NULL,
    scope TEXT NOT NULL,
    starts TEXT NOT NULL,
    ends TEXT
);
CREATE INDEX posts_by_account ON posts(account);
CREATE INDEX posts_by_agency ON posts(agency, role);

CREATE TABLE authorities (
    id BIGINT NOT NULL PRIMARY KEY,
    agency TEXT NOT NULL,
    account BIGINT NOT NULL,
    kind TEXT NOT NULL,
    items TEXT NOT NULL,
    acts TEXT NOT NULL,
    starts TEXT NOT NULL,
    ends TEXT NOT NULL,
    document TEXT NOT NULL,
    revoked_on TEXT
);
CREATE INDEX authorities_by_agency ON authorities(agency);

CREATE TABLE sessions (
    token TEXT NOT NULL PRIMARY KEY,
    account BIGINT NOT NULL,
    post BIGINT,
    kind TEXT NOT NULL,
    csrf TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    seen_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);
CREATE INDEX sessions_by_account ON sessions(account);
CREATE INDEX sessions_by_expiry ON sessions(expires_at);

CREATE TABLE entry_versions (
    entry TEXT NOT NULL,
    version BIGINT NOT NULL,
    digest TEXT NOT NULL,
    body TEXT NOT NULL,
    published_at BIGINT NOT NULL,
    PRIMARY KEY (entry, version)
);

CREATE TABLE local_overrides (
    local TEXT NOT NULL PRIMARY KEY,
    state TEXT NOT NULL,
    differs TEXT NOT NULL,
    changed_at BIGINT NOT NULL
);

CREATE TABLE drafts (
    id BIGINT NOT NULL PRIMARY KEY,
    account BIGINT NOT NULL,
    local TEXT NOT NULL,
    situation TEXT NOT NULL,
    division TEXT NOT NULL,
    answers TEXT NOT NULL,
    files TEXT NOT NULL,
    version BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);
CREATE INDEX drafts_by_account ON drafts(account, updated_at);

CREATE TABLE cases (
    id BIGINT NOT NULL PRIMARY KEY,
    no TEXT NOT NULL CONSTRAINT cases_no UNIQUE,
    national_no TEXT CONSTRAINT cases_national_no UNIQUE,
    version BIGINT NOT NULL,
    head TEXT NOT NULL,
    state TEXT NOT NULL,
    over BIGINT NOT NULL,
    entry TEXT NOT NULL,
    local TEXT NOT NULL,
    applicant BIGINT,
    party BIGINT NOT NULL,
    officer BIGINT,
    receiving TEXT NOT NULL,
    deciding TEXT NOT NULL,
    scope TEXT NOT NULL,
    submitted_at BIGINT NOT NULL,
    changed_at BIGINT NOT NULL,
    due_at BIGINT NOT NULL,
    body TEXT NOT NULL
);
CREATE INDEX cases_by_applicant ON cases(applicant, id);
CREATE INDEX cases_by_receiving ON cases(receiving, state, due_at, id);
CREATE INDEX cases_by_deciding ON cases(deciding, state, due_at, id);
CREATE INDEX cases_by_officer ON cases(officer, state, due_at, id);
CREATE INDEX cases_by_scope ON cases(scope, due_at, id);

CREATE TABLE parties (
    id BIGINT NOT NULL PRIMARY KEY,
    case_id BIGINT NOT NULL,
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    identifier_hash TEXT
);
CREATE INDEX parties_by_identifier ON parties(identifier_hash);

CREATE TABLE events (
    case_id BIGINT NOT NULL,
    sequence BIGINT NOT NULL,
    at BIGINT NOT NULL,
    account BIGINT NOT NULL,
    post BIGINT NOT NULL,
    on_behalf BIGINT NOT NULL,
    kind TEXT NOT NULL,
    shape BIGINT NOT NULL,
    payload TEXT NOT NULL,
    digest TEXT NOT NULL,
    node BIGINT NOT NULL,
    number BIGINT NOT NULL,
    PRIMARY KEY (case_id, sequence)
);
CREATE UNIQUE INDEX events_stream ON events(node, number);

CREATE TABLE texts (
    id BIGINT NOT NULL PRIMARY KEY,
    case_id BIGINT NOT NULL,
    kind TEXT NOT NULL,
    salt TEXT NOT NULL,
    body TEXT NOT NULL
);
CREATE INDEX texts_by_case ON texts(case_id);

CREATE TABLE documents (
    id BIGINT NOT NULL PRIMARY KEY,
    case_id BIGINT NOT NULL,
    kind TEXT NOT NULL,
    number TEXT NOT NULL,
    text_id BIGINT NOT NULL,
    check_code TEXT NOT NULL CONSTRAINT documents_check_code UNIQUE,
    made_at BIGINT NOT NULL
);
CREATE INDEX documents_by_case ON documents(case_id);

CREATE TABLE seals (
    document BIGINT NOT NULL PRIMARY KEY,
    case_id BIGINT NOT NULL,
    file TEXT NOT NULL,
    size BIGINT NOT NULL,
    key TEXT NOT NULL,
    signature TEXT NOT NULL
);
CREATE INDEX seals_by_file ON seals(file);

CREATE TABLE licenses (
    id TEXT NOT NULL PRIMARY KEY,
    case_id BIGINT NOT NULL CONSTRAINT licenses_case UNIQUE,
    number TEXT NOT NULL,
    entry TEXT NOT NULL,
    agency TEXT NOT NULL,
    party BIGINT NOT NULL,
    holder BIGINT,
    document BIGINT NOT NULL,
    state TEXT NOT NULL,
    starts TEXT NOT NULL,
    ends TEXT,
    issued_at BIGINT NOT NULL
);
CREATE INDEX licenses_by_holder ON licenses(holder);

CREATE TABLE attachments (
    id BIGINT NOT NULL PRIMARY KEY,
    owner BIGINT NOT NULL,
    case_id BIGINT,
    name TEXT NOT NULL,
    kind TEXT NOT NULL,
    size BIGINT NOT NULL,
    digest TEXT NOT NULL,
    salt TEXT NOT NULL,
    uploaded_at BIGINT NOT NULL
);
CREATE INDEX attachments_by_case ON attachments(case_id);

CREATE TABLE twins (
    twin TEXT NOT NULL PRIMARY KEY,
    case_id BIGINT NOT NULL,
    no TEXT NOT NULL
);
CREATE INDEX twins_by_case ON twins(case_id);

CREATE TABLE counters (
    key TEXT NOT NULL PRIMARY KEY,
    value BIGINT NOT NULL
);

CREATE TABLE idempotency (
    key TEXT NOT NULL PRIMARY KEY,
    request TEXT NOT NULL,
    no TEXT NOT NULL,
    version BIGINT NOT NULL,
    at BIGINT NOT NULL
);
CREATE INDEX idempotency_by_time ON idempotency(at);

CREATE TABLE jobs (
    id BIGINT NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL,
    case_id BIGINT NOT NULL,
    subject BIGINT NOT NULL,
    run_at BIGINT NOT NULL,
    attempts BIGINT NOT NULL,
    leased_until BIGINT NOT NULL,
    parked BIGINT NOT NULL,
    last_error TEXT
);
CREATE INDEX jobs_due ON jobs(parked, run_at, id);

CREATE TABLE messages (
    id BIGINT NOT NULL PRIMARY KEY,
    account BIGINT NOT NULL,
    case_id BIGINT NOT NULL,
    sequence BIGINT NOT NULL,
    at BIGINT NOT NULL,
    read_at BIGINT
);
CREATE INDEX messages_by_account ON messages(account, id);

CREATE TABLE access_log (
    id BIGINT NOT NULL PRIMARY KEY,
    at BIGINT NOT NULL,
    account BIGINT NOT NULL,
    post BIGINT,
    case_id BIGINT NOT NULL,
    act TEXT NOT NULL,
    reason TEXT NOT NULL
);
CREATE INDEX access_log_by_case ON access_log(case_id, id);

CREATE TABLE settings (
    key TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL
);
