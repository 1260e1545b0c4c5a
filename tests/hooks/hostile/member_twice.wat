;; Gives a record that has a member twice.
(data (i32.const 1024) "{\22n\22:1,\22\\u006e\22:2}\0a")
(func $change (param i32 i32) (result i32) (call $answer (i32.const 1024) (i32.const 19)))
