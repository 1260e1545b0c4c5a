;; Gives a line that is no JSON.
(data (i32.const 1024) "{\22n\22:1,}\0a")
(func $change (param i32 i32) (result i32) (call $answer (i32.const 1024) (i32.const 9)))
