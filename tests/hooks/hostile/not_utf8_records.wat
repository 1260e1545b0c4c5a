;; Gives records that are no UTF-8.
(data (i32.const 1024) "{\22n\22:\22\ff\22}\0a")
(func $change (param i32 i32) (result i32) (call $answer (i32.const 1024) (i32.const 10)))
