-- What is used up of the operator's limits in the run that is open.
CREATE TABLE spent (
    scope      TEXT    PRIMARY KEY, -- such as `platform zj`
    n_requests INTEGER NOT NULL,
    n_bytes    INTEGER NOT NULL,
    not_before INTEGER              -- when the limit's interval is over; holds across runs
) STRICT, WITHOUT ROWID;
