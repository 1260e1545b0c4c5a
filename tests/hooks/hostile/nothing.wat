;; Does nothing at all.
(component)
