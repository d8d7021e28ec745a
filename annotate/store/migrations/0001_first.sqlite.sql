CREATE TRIGGER event_no_update BEFORE UPDATE ON event
BEGIN
    SELECT RAISE(ABORT, 'nutgraf: event is append-only');
END;

CREATE TRIGGER event_no_delete BEFORE DELETE ON event
BEGIN
    SELECT RAISE(ABORT, 'nutgraf: event is append-only');
END;

CREATE TRIGGER draw_no_update BEFORE UPDATE ON draw
BEGIN
    SELECT RAISE(ABORT, 'nutgraf: draw is append-only');
END;

CREATE TRIGGER draw_no_delete BEFORE DELETE ON draw
BEGIN
    SELECT RAISE(ABORT, 'nutgraf: draw is append-only');
END;

CREATE TRIGGER unit_no_update BEFORE UPDATE ON unit
BEGIN
    SELECT RAISE(ABORT, 'nutgraf: unit is append-only');
END;

CREATE TRIGGER unit_no_delete BEFORE DELETE ON unit
BEGIN
    SELECT RAISE(ABORT, 'nutgraf: unit is append-only');
END;

CREATE TRIGGER codebook_no_update BEFORE UPDATE ON codebook
BEGIN
    SELECT RAISE(ABORT, 'nutgraf: codebook is append-only');
END;

CREATE TRIGGER codebook_no_delete BEFORE DELETE ON codebook
BEGIN
    SELECT RAISE(ABORT, 'nutgraf: codebook is append-only');
END;

CREATE TRIGGER article_no_update BEFORE UPDATE OF id, key, text, sha256, event ON article
BEGIN
    SELECT RAISE(ABORT, 'nutgraf: article is append-only');
END;

CREATE TRIGGER article_no_delete BEFORE DELETE ON article
BEGIN
    SELECT RAISE(ABORT, 'nutgraf: article is append-only');
END;
