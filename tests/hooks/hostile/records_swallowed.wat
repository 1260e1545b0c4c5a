;; Gives fewer lines than records and does not say of which they come.
(data (i32.const 1024) "{\22n\22:1}\0a{\22n\22:2}\0a")
(func $change (param i32 i32) (result i32) (call $answer (i32.const 1024) (i32.const 16)))
