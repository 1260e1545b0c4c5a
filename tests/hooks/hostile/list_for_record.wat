;; Gives a list where a record should be.
(data (i32.const 1024) "[1]\0a")
(func $change (param i32 i32) (result i32) (call $answer (i32.const 1024) (i32.const 4)))
