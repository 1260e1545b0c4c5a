;; Never even begins.
(func $run (loop $on (br $on)))
(start $run)
