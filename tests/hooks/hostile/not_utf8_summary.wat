;; Its own description is no UTF-8.
(data (i32.const 70) "\ff")
