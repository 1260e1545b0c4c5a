;; cut at 8 bytes
;; A component of which only the first bytes are there.
