"""Tables of credit and the dishonesty list (信用与失信惩戒数据表), one file a subject."""
