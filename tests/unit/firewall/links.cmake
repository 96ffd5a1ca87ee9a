add_test(NAME firewall.texts_are_taken COMMAND /usr/bin/python3 ${folder}/syntax.py ${folder}/golden)
set_tests_properties(firewall.texts_are_taken PROPERTIES LABELS unit TIMEOUT 60 SKIP_RETURN_CODE 77)
