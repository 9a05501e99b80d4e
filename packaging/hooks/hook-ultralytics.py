"""What PyInstaller takes of Ultralytics: the modules that are imported, and the plans of the networks it builds."""

from PyInstaller.utils.hooks import collect_data_files

datas = collect_data_files("ultralytics", includes=["cfg/default.yaml", "cfg/models/11/*.yaml"])
