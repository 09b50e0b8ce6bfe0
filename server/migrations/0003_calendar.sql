-- The calendar as this installation edits it, the passes that derive deadlines anew and what they moved; outages; enquiries
-- and hand-overs.

CREATE TABLE calendar_edits (
    version BIGINT NOT NULL PRIMARY KEY,
    document TEXT NOT NULL,
    account BIGINT NOT NULL,
    at BIGINT NOT NULL
);

CREATE TABLE calendar_days (
    version BIGINT NOT NULL,
    day TEXT NOT NULL,
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    PRIMARY KEY (version, day)
);

CREATE TABLE calendar_years (
    version BIGINT NOT NULL,
    year BIGINT NOT NULL,
    PRIMARY KEY (version, year)
);

CREATE TABLE calendar_passes (
    target BIGINT NOT NULL PRIMARY KEY,
    base BIGINT NOT NULL,
    after_id BIGINT NOT NULL,
    seen BIGINT NOT NULL,
    moved BIGINT NOT NULL,
    started_at BIGINT NOT NULL,
    finished_at BIGINT
);

CREATE TABLE moved_deadlines (
    case_id BIGINT NOT NULL,
    version BIGINT NOT NULL,
    deadline TEXT NOT NULL,
    from_day TEXT NOT NULL,
    to_day TEXT NOT NULL,
    rules TEXT NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (case_id, version, deadline)
);

-- A pass walks the open cases by id; the closed ones, soon the most, are not in this index.
CREATE INDEX cases_open ON cases(id) WHERE over = 0;

-- Bumped in the transaction of every edit; its row is what two nodes wait for.
INSERT INTO settings(key, value) VALUES ('calendar_version', '0');

CREATE TABLE outages (
    id BIGINT NOT NULL PRIMARY KEY,
    starts BIGINT NOT NULL,
    ends BIGINT,
    reason TEXT NOT NULL,
    declared_by BIGINT NOT NULL,
    declared_at BIGINT NOT NULL,
    withdrawn_at BIGINT
);
CREATE INDEX outages_by_start ON outages(starts, id);

CREATE TABLE enquiries (
    id BIGINT NOT NULL PRIMARY KEY,
    no TEXT NOT NULL CONSTRAINT enquiries_no UNIQUE,
    version BIGINT NOT NULL,
    asked_at BIGINT NOT NULL,
    agency TEXT NOT NULL,
    scope TEXT NOT NULL,
    first_account BIGINT NOT NULL,
    entry TEXT,
    case_id BIGINT,
    state TEXT NOT NULL,
    holder_account BIGINT NOT NULL,
    holder_agency TEXT NOT NULL,
    holder_scope TEXT NOT NULL,
    offered_account BIGINT,
    offered_agency TEXT,
    due_at BIGINT NOT NULL,
    press_at BIGINT NOT NULL,
    answered_at BIGINT,
    answered_by BIGINT,
    body TEXT NOT NULL
);
CREATE INDEX enquiries_by_agency ON enquiries(agency, press_at, id);
CREATE INDEX enquiries_by_holder_agency ON enquiries(holder_agency, press_at, id);
CREATE INDEX enquiries_by_offered_agency ON enquiries(offered_agency, press_at, id);
CREATE INDEX enquiries_by_holder ON enquiries(holder_account, press_at, id);
CREATE INDEX enquiries_by_scope ON enquiries(scope, press_at, id);
CREATE INDEX enquiries_by_case ON enquiries(case_id);
CREATE INDEX enquiries_open ON enquiries(id) WHERE state = 'open';

CREATE TABLE handovers (
    id BIGINT NOT NULL PRIMARY KEY,
    enquiry BIGINT NOT NULL,
    from_account BIGINT NOT NULL,
    from_agency TEXT NOT NULL,
    to_account BIGINT,
    to_agency TEXT NOT NULL,
    at BIGINT NOT NULL,
    reason TEXT NOT NULL,
    acknowledged_at BIGINT,
    acknowledged_by BIGINT
);
CREATE INDEX handovers_by_enquiry ON handovers(enquiry, id);
