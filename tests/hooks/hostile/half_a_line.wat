;; Gives a line that is not ended.
(data (i32.const 1024) "{\22n\22:1}")
(func $change (param i32 i32) (result i32) (call $answer (i32.const 1024) (i32.const 7)))
