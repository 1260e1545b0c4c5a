;; The schema of its options is no JSON Schema.
(data (i32.const 128) "{\22type\22:7       ")
