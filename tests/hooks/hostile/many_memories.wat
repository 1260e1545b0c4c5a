;; Declares many memories, each within the limit.
(memory 100) (memory 100) (memory 100)
