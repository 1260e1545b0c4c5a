;; Asks for the log of a later version.
(component (import "tapwright:hook/log@1.1.0" (instance)))
