;; Declares a table of a hundred million entries.
(table 100000000 funcref)
