;; cut at 700 bytes
;; A component whose file broke off.
