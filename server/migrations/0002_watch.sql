-- The watch: one timer per open case (when the clock has to be looked at next), and the marks it raised.

CREATE TABLE timers (
    case_id BIGINT NOT NULL PRIMARY KEY,
    no TEXT NOT NULL,
    run_at BIGINT NOT NULL,
    leased_until BIGINT NOT NULL,
    attempts BIGINT NOT NULL,
    parked BIGINT NOT NULL,
    last_error TEXT
);
CREATE INDEX timers_due ON timers(parked, run_at, case_id);

CREATE TABLE marks (
    id BIGINT NOT NULL PRIMARY KEY,
    case_id BIGINT NOT NULL,
    no TEXT NOT NULL,
    entry TEXT NOT NULL,
    rule TEXT NOT NULL,
    light TEXT NOT NULL,
    state TEXT NOT NULL,
    closed BIGINT NOT NULL,
    owner BIGINT,
    agency TEXT NOT NULL,
    receiving TEXT NOT NULL,
    deciding TEXT NOT NULL,
    scope TEXT NOT NULL,
    since BIGINT NOT NULL,
    raised_at BIGINT NOT NULL,
    answer_due BIGINT NOT NULL,
    figures TEXT NOT NULL
);
CREATE INDEX marks_by_case ON marks(case_id);
CREATE INDEX marks_by_owner ON marks(owner, closed, answer_due, id);
CREATE INDEX marks_by_agency ON marks(agency, closed, answer_due, id);
CREATE INDEX marks_by_scope ON marks(scope, closed, answer_due, id);
CREATE INDEX marks_by_receiving ON marks(receiving, closed, answer_due, id);
CREATE INDEX marks_by_deciding ON marks(deciding, closed, answer_due, id);
