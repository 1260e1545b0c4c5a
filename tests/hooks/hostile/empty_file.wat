;; cut at 0 bytes
;; Nothing at all.
