;; Asks for the log, which nobody granted.
(component (import "tapwright:hook/log@1.0.0" (instance)))
