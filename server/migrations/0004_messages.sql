-- Messages to applicants and staff: what a message is about, one row for a whole desk, addresses outside the platform, and
-- duties that reach outside in a lane of their own, so that a silent relay never keeps documents waiting for their seal.

ALTER TABLE messages ADD COLUMN topic TEXT NOT NULL DEFAULT 'changed';
ALTER TABLE messages ADD COLUMN due TEXT;
ALTER TABLE messages ADD COLUMN mailed_at BIGINT;
ALTER TABLE messages ADD COLUMN texted_at BIGINT;
-- Older messages told applicants of every public event; those that have words of their own now keep them.
UPDATE messages SET topic = COALESCE((SELECT e.kind FROM events e WHERE e.case_id = messages.case_id AND e.sequence = messages.sequence AND e.kind IN ('submitted', 'received', 'supplement_requested', 'accepted', 'declined', 'suspended', 'resumed', 'granted', 'refused', 'issued', 'delivered', 'terminated')), 'changed');

CREATE TABLE desk_messages (
    id BIGINT NOT NULL PRIMARY KEY,
    agency TEXT NOT NULL,
    role TEXT NOT NULL,
    case_id BIGINT NOT NULL,
    sequence BIGINT NOT NULL,
    at BIGINT NOT NULL,
    topic TEXT NOT NULL,
    due TEXT
);
CREATE INDEX desk_messages_by_desk ON desk_messages(agency, role, id);

-- How far an account has read the messages of its desks.
CREATE TABLE desk_marks (
    account BIGINT NOT NULL PRIMARY KEY,
    read_to BIGINT NOT NULL
);

-- Addresses are locked like identifiers; the keyed hashes find an account by its address.
CREATE TABLE contacts (
    account BIGINT NOT NULL PRIMARY KEY,
    mail TEXT,
    mail_hash TEXT,
    mobile TEXT,
    mobile_hash TEXT,
    by_mail BIGINT NOT NULL,
    by_sms BIGINT NOT NULL,
    changed_at BIGINT NOT NULL
);
CREATE INDEX contacts_by_mail ON contacts(mail_hash);
CREATE INDEX contacts_by_mobile ON contacts(mobile_hash);

ALTER TABLE jobs ADD COLUMN lane BIGINT NOT NULL DEFAULT 0;
CREATE INDEX jobs_by_lane ON jobs(lane, parked, run_at, id);
